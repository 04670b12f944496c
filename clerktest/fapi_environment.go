package clerktest

import "net/http"

// members are a JSON object's.
type members = map[string]any

// getEnvironment answers whoever asks, like a browser client before it knows
// anybody, with the settings of a plain development instance.
func (c *Clerk) getEnvironment(in *call) (any, *problem) {
	if p := c.checkClient(in); p != nil {
		return nil, p
	}
	return members{
		"auth_config":           authConfig(),
		"display_config":        displayConfig(in.issuer()),
		"user_settings":         userSettings(),
		"organization_settings": organizationSettings(!c.organizationsDisabled),
		"fraud_settings":        members{"object": "fraud_settings", "native": members{"device_attestation_mode": "disabled"}},
		"commerce_settings": members{"billing": members{
			"stripe_publishable_key": nil, "free_trial_requires_payment_method": false,
			"user":         members{"enabled": false, "has_paid_plans": false},
			"organization": members{"enabled": false, "has_paid_plans": false},
		}},
		"api_keys_settings":   members{"enabled": false, "user_api_keys_enabled": false, "orgs_api_keys_enabled": false},
		"protect_config":      members{"loaders": []any{}},
		"client_debug_mode":   false,
		"partitioned_cookies": false,
		"maintenance_mode":    false,
	}, nil
}

// updateEnvironment is how a development instance learns where its application
// runs. There is nothing to learn for the fake.
func (c *Clerk) updateEnvironment(in *call) (any, *problem) {
	if in.Header.Get("Origin") == "" {
		return nil, fail(http.StatusBadRequest, "origin_missing")
	}
	return c.getEnvironment(in)
}

func authConfig() members {
	return members{
		"object": "auth_config", "id": "aconf_clerktest",
		"first_name": "on", "last_name": "on", "email_address": "on", "phone_number": "on", "username": "on", "password": "on",
		"identification_requirements":           [][]string{{"email_address"}, {"phone_number"}, {"username"}},
		"identification_strategies":             []string{"email_address", "phone_number", "username"},
		"first_factors":                         []string{"password"},
		"second_factors":                        []string{},
		"email_address_verification_strategies": []string{},
		"single_session_mode":                   false,
		"enhanced_email_deliverability":         false,
		"test_mode":                             true,
		"cookieless_dev":                        true,
		"url_based_session_syncing":             true,
		"claimed_at":                            nil,
		"reverification":                        false,
		"native_settings": members{
			"object": "native_settings", "api_enabled": true, "trusted_device_sign_in_enabled": false,
			"trusted_device_enrollment_prompt_after_sign_in_enabled": false,
			"trusted_device_enrollment_prompt_after_sign_up_enabled": false,
		},
	}
}

// displayConfig names pages that the fake does not serve: it has no pages.
func displayConfig(base string) members {
	m := members{
		"object": "display_config", "id": "display_config_clerktest",
		"instance_environment_type":      "development",
		"application_name":               "clerktest",
		"theme":                          members{},
		"preferred_sign_in_strategy":     "password",
		"branded":                        false,
		"experimental_force_oauth_first": false,
		"show_devmode_warning":           false,
		"captcha_oauth_bypass":           []string{},
		"captcha_heartbeat":              false,
	}
	for name, path := range map[string]string{
		"home_url": "", "sign_in_url": "/sign-in", "sign_up_url": "/sign-up", "user_profile_url": "/user",
		"waitlist_url": "/waitlist", "oauth_consent_url": "/oauth-consent", "after_sign_in_url": "", "after_sign_up_url": "",
		"after_sign_out_one_url": "/sign-in/choose", "after_sign_out_all_url": "/sign-in", "after_switch_session_url": "",
		"after_join_waitlist_url": "", "organization_profile_url": "/organization", "create_organization_url": "/create-organization",
		"after_leave_organization_url": "", "after_create_organization_url": "", "logo_link_url": "",
	} {
		m[name] = base + path
	}
	for _, name := range []string{
		"logo_image_url", "favicon_image_url", "support_email", "clerk_js_version", "google_one_tap_client_id", "help_url",
		"privacy_policy_url", "terms_url", "logo_url", "favicon_url", "logo_image", "favicon_image", "captcha_public_key",
		"captcha_widget_type", "captcha_public_key_invisible", "captcha_provider",
	} {
		m[name] = nil
	}
	return m
}

func userSettings() members {
	attributes := members{}
	for name, enabled := range map[string]bool{
		"email_address": true, "phone_number": true, "username": true, "first_name": true, "last_name": true, "password": true,
		"web3_wallet": false, "authenticator_app": false, "ticket": false, "backup_code": false, "passkey": false,
	} {
		attributes[name] = members{
			"enabled": enabled, "required": false, "used_for_first_factor": false, "first_factors": []string{},
			"used_for_second_factor": false, "second_factors": []string{}, "verifications": []string{},
			"verify_at_sign_up": false, "immutable": false,
		}
	}
	off := members{"enabled": false}
	return members{
		"attributes":     attributes,
		"social":         members{},
		"saml":           off,
		"enterprise_sso": off,
		"sign_in":        members{"second_factor": members{"required": false}},
		"sign_up": members{
			"captcha_enabled": false, "captcha_widget_type": "smart", "custom_action_required": false,
			"progressive": true, "mode": "public", "legal_consent_enabled": false,
		},
		"restrictions": members{
			"allowlist": off, "blocklist": off, "allowlist_blocklist_disabled_on_sign_in": off,
			"block_email_subaddresses": off, "block_disposable_email_domains": off,
		},
		"password_settings": members{
			"disable_hibp": true, "disable_password_reverification": true, "min_length": 0, "max_length": 0,
			"require_special_char": false, "require_numbers": false, "require_uppercase": false, "require_lowercase": false,
			"show_zxcvbn": false, "min_zxcvbn_strength": 0, "enforce_hibp_on_sign_in": false, "allowed_special_characters": "",
		},
		"username_settings": members{
			"min_length": nil, "max_length": nil, "allow_extended_special_characters": true, "allow_numeric_usernames": true,
		},
		"actions": members{"delete_self": true, "create_organization": true, "create_organizations_limit": nil},
		"attack_protection": members{
			"user_lockout": members{"enabled": false, "max_attempts": 0, "duration_in_minutes": 0},
			"pii":          off, "email_link": members{"require_same_client": false}, "enumeration_protection": off,
		},
		"passkey_settings": members{"allow_autofill": false, "show_sign_in_button": false, "satisfies_second_factor": false},
	}
}

func organizationSettings(enabled bool) members {
	return members{
		"enabled":                 enabled,
		"max_allowed_memberships": 0,
		"actions":                 members{"admin_delete": true},
		"domains":                 members{"enabled": false, "enrollment_modes": []string{}, "default_role": "org:member"},
		"slug":                    members{"disabled": false},
		"creator_role":            "org:admin",
	}
}
